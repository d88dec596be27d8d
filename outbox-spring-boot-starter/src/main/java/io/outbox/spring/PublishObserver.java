package io.outbox.spring;

import io.outbox.Message;
import java.util.function.UnaryOperator;

/** Sees each message when it is published, and may add headers to it. */
@FunctionalInterface
interface PublishObserver extends UnaryOperator<Message> {}
