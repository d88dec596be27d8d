package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;
import org.springframework.jdbc.core.JdbcTemplate;

/** A service that was processed ahead of time, as for a native image, on a real PostgreSQL. */
class AheadOfTimeIT {
    private final TestDatabase database = TestServers.postgres().createDatabase();

    @AfterEach
    void close() {
        database.close();
    }

    private Map<String, Object> properties() {
        return Map.of(
                "spring.datasource.url",
                database.jdbcUrl(),
                "spring.datasource.username",
                database.user(),
                "spring.datasource.password",
                database.password(),
                "outbox.broker",
                "none",
                "outbox.schema.mode",
                "create",
                "spring.autoconfigure.exclude",
                Without.these(Without.JPA, Without.MYBATIS).split("=")[1]);
    }

    private <C extends GenericApplicationContext> C withProperties(C context) {
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties()));
        return context;
    }

    @Test
    @CompileWithForkedClassLoader
    void aServiceProcessedAheadOfTime_publishes() {
        TestGenerationContext generation = new TestGenerationContext();
        AnnotationConfigApplicationContext service = withProperties(new AnnotationConfigApplicationContext());
        service.register(OrderApplication.class);
        ClassName name = new ApplicationContextAotGenerator().processAheadOfTime(service, generation);
        generation.writeGeneratedContent();

        RuntimeHints hints = generation.getRuntimeHints();
        assertThat(RuntimeHintsPredicates.resource().forResource("io/outbox/jdbc/schema/v1/postgresql.sql"))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection().onType(OrderApplication.Placed.class))
                .accepts(hints);
        TestCompiler.forSystem().with(generation).compile(compiled -> {
            @SuppressWarnings("unchecked")
            ApplicationContextInitializer<GenericApplicationContext> initializer =
                    compiled.getInstance(ApplicationContextInitializer.class, name.reflectionName());
            try (GenericApplicationContext context = withProperties(new GenericApplicationContext())) {
                initializer.initialize(context);
                context.refresh();
                JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
                jdbc.execute("create table placed (id varchar(100))");
                String id = UUID.randomUUID().toString();
                context.getBean(OrderApplication.Orders.class).placeAndReturn(id);
                assertThat(jdbc.queryForList("select message_key from outbox_message", String.class))
                        .containsExactly(id);
            }
        });
    }
}
