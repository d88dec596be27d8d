/** What the consumer loops of the adapters share. Not part of the API: may change in any release. */
@NullMarked
package io.outbox.consumer.internal;

import org.jspecify.annotations.NullMarked;
