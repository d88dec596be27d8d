/** Messages, the outbox they are published through, and the exceptions of the library. */
@NullMarked
package io.outbox;

import org.jspecify.annotations.NullMarked;
