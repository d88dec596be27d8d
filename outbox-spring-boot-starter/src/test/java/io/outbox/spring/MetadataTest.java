package io.outbox.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** What tools for writing properties are told. */
class MetadataTest {
    @Test
    void everyProperty_isDescribed_inTheMetadataAndTheManual() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "spring.md"));
        List<String> names = new ArrayList<>();
        try (InputStream metadata =
                requireNonNull(getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            String json = new String(metadata.readAllBytes(), StandardCharsets.UTF_8);
            for (Object each :
                    (List<?>) JsonParserFactory.getJsonParser().parseMap(json).get("properties")) {
                Map<?, ?> property = (Map<?, ?>) each;
                String name = property.get("name").toString();
                if (!name.startsWith("outbox.")) {
                    continue; // Spring Boot's own, of the endpoint
                }
                names.add(name);
                assertThat(property.get("description")).as(name).asString().isNotBlank();
                assertThat(manual).contains("`" + name + "`");
            }
        }
        assertThat(names)
                .contains("outbox.schema.mode", "outbox.relay.enabled", "outbox.data-sources", "outbox.dedup.keep-for");
    }
}
