package io.outbox.spring;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Auto-configurations that a test does without, though they are on its class path. */
final class Without {
    static final String JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration";
    static final String JOOQ = "org.springframework.boot.jooq.autoconfigure.JooqAutoConfiguration";
    static final String DATA_JDBC =
            "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration";

    /** It scans for mappers in a way that cannot be processed ahead of time. */
    static final String MYBATIS = "org.mybatis.spring.boot.autoconfigure.MybatisAutoConfiguration";

    /** Spring Modulith's own registry of events, which needs a store of its own. */
    static final String MODULITH_REGISTRY =
            "org.springframework.modulith.events.config.EventPublicationAutoConfiguration";

    private Without() {}

    /** The argument that leaves them out. */
    static String these(String... configurations) {
        return "--spring.autoconfigure.exclude="
                + MODULITH_REGISTRY
                + Arrays.stream(configurations).map(name -> "," + name).collect(Collectors.joining());
    }
}
