/** What several packages of outbox use and that uses none of them. Not part of the API: may change in any release. */
@NullMarked
package io.outbox.internal;

import org.jspecify.annotations.NullMarked;
