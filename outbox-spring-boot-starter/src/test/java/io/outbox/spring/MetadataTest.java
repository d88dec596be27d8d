package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What tools for writing properties are told. */
class MetadataTest {
    @Test
    void everyProperty_isDescribed_inTheMetadataAndTheManual() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "spring.md"));
        List<String> names = new ArrayList<>();
        try (InputStream metadata = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            for (JsonNode property : new ObjectMapper().readTree(metadata).get("properties")) {
                String name = property.get("name").asText();
                if (!name.startsWith("outbox.")) {
                    continue; // Spring Boot's own, of the endpoint
                }
                names.add(name);
                assertThat(property.path("description").asText()).as(name).isNotBlank();
                assertThat(manual).contains("`" + name + "`");
            }
        }
        assertThat(names)
                .contains("outbox.schema.mode", "outbox.relay.enabled", "outbox.data-sources", "outbox.dedup.keep-for");
    }
}
