/** The quickstart: orders in, charges out, and a report that checks itself against the database. */
@NullMarked
package io.outbox.quickstart;

import org.jspecify.annotations.NullMarked;
