package io.outbox.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.torture.worker.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathTest {
    private static final Path OTHER = Path.of("other.jar");

    @TempDir
    private Path folder;

    @Test
    void with_replacesTheLibraryAndNothingElse() {
        ClassPath own = ClassPath.own();

        ClassPath with = own.with(Library.locations(), List.of(OTHER));

        assertThat(with.entries()).startsWith(OTHER).hasSize(own.entries().size() - 4 + 1);
        assertThat(with.entries())
                .filteredOn(Files::exists)
                .noneSatisfy(entry -> assertThat(entry.toRealPath()).isIn(Library.locations()));
    }

    @Test
    void with_findsWhatIsReplacedUnderAnotherName() throws IOException {
        Path jar = Files.createFile(folder.resolve("library.jar"));
        Path link = Files.createSymbolicLink(folder.resolve("link.jar"), jar);
        Path gone = folder.resolve("gone.jar");

        ClassPath with = new ClassPath(List.of(link, gone)).with(List.of(jar.toRealPath()), List.of(OTHER));

        assertThat(with.entries()).containsExactly(OTHER, gone);
    }

    @Test
    void with_refusesToReplaceWhatIsNotThere() {
        assertThatThrownBy(() -> new ClassPath(List.of(OTHER)).with(Library.locations(), List.of(folder)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outbox-core");
    }
}
