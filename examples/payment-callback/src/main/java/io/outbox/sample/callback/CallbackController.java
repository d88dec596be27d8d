package io.outbox.sample.callback;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where the provider's notifications come in. A real one checks their signature first. */
@RestController
class CallbackController {
    private final Intake intake;

    CallbackController(Intake intake) {
        this.intake = intake;
    }

    // tag::callback-http[]
    /** Answers when the notification is stored, 204 to repeats too: else the provider would go on repeating it. */
    @PostMapping("/notifications")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void notified(@RequestBody Payment payment) {
        intake.accept(payment, Intake.Source.NOTIFICATION);
    }
    // end::callback-http[]
}
