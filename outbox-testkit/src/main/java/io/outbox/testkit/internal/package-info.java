/** What the tests of outbox's own modules share; no API. */
@NullMarked
package io.outbox.testkit.internal;

import org.jspecify.annotations.NullMarked;
