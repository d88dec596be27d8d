package io.outbox.testkit.servers;

import java.util.List;
import java.util.Map;

/** What runs in a container: the image, the port that its server listens on, its command ("" for the image's own). */
record DockerImage(String name, int port, List<String> command, Map<String, String> environment) {

    static final String POSTGRESQL = "postgres:17";
    static final String MARIADB = "mariadb:11.4";
    static final String MYSQL = "mysql:8.4";
    static final String SQL_SERVER = "mcr.microsoft.com/mssql/server:2022-latest";
    static final String ORACLE = "gvenzl/oracle-free:23-slim-faststart";
    static final String KAFKA = "apache/kafka:4.4.0";
    static final String RABBITMQ = "rabbitmq:4.1";

    DockerImage {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
