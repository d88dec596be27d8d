/** Annotations for transactional methods, and proxies that give them their meaning without a framework. */
@NullMarked
package io.outbox.annotation;

import org.jspecify.annotations.NullMarked;
