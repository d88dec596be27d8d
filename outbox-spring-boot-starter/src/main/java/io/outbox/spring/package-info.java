/** Auto-configuration for Spring Boot: an outbox that joins Spring's transactions, and a running relay. */
@NullMarked
package io.outbox.spring;

import org.jspecify.annotations.NullMarked;
