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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What tools for writing properties are told. */
class MetadataTest {
    private static final Pattern PROPERTY = Pattern.compile(
            "\\{\\s*\"name\": \"(outbox[^\"]*)\",\\s*\"type\": \"[^\"]*\",\\s*(?:\"description\": \"([^\"]*)\")?");

    @Test
    void everyProperty_isDescribed_inTheMetadataAndTheManual() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "spring.md"));
        List<String> names = new ArrayList<>();
        try (InputStream metadata =
                requireNonNull(getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            String json = new String(metadata.readAllBytes(), StandardCharsets.UTF_8);
            Matcher property = PROPERTY.matcher(json.substring(json.indexOf("\"properties\"")));
            while (property.find()) {
                String name = property.group(1);
                names.add(name);
                assertThat(property.group(2)).as(name).isNotBlank();
                assertThat(manual).contains("`" + name + "`");
            }
        }
        assertThat(names)
                .contains("outbox.schema.mode", "outbox.relay.enabled", "outbox.data-sources", "outbox.dedup.keep-for");
    }
}
