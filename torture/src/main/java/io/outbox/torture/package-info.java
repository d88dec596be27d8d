/** Attacks the library on real servers with processes that die, and checks that everything balances. */
@NullMarked
package io.outbox.torture;

import org.jspecify.annotations.NullMarked;
