/** The code of README.md and docs/, compiled and run. */
package io.outbox.docs;
