/** What the services share: their messages, and how a consumer runs in Spring. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.orders.common;
