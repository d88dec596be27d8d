/** What is done to processes, servers and connections, and when. */
@NullMarked
package io.outbox.torture.faults;

import org.jspecify.annotations.NullMarked;
