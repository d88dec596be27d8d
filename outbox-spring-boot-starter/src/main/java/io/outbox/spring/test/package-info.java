/** For tests of services that publish: what they publish, without a broker. */
@org.jspecify.annotations.NullMarked
package io.outbox.spring.test;
