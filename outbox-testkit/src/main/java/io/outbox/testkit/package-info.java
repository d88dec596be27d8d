/** Contract suites for every SPI, in-memory stores, an in-process broker and assertions for users' own tests. */
@NullMarked
package io.outbox.testkit;

import org.jspecify.annotations.NullMarked;
