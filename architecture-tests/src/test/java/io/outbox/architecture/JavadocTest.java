package io.outbox.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeParameterTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users can name has Javadoc: a comment, and a line for each parameter, result and declared exception.
 *
 * <p>The javadoc tool checks the rest (references, markup), but its own check for what is missing wants the components
 * of a record described a second time at its compact constructor.
 */
class JavadocTest {

    @Test
    void publicApi_isDocumented() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : Modules.ALL) {
            if (Modules.hasSources(module)) {
                try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        assertThat(sources).isNotEmpty();

        assertThat(missingComments(sources)).isEmpty();
    }

    @Test
    void missingComments_finds_whatIsMissing(@TempDir Path directory) throws IOException {
        Path source = directory.resolve("Sample.java");
        Files.writeString(source, """
                public class Sample {
                    public int field;
                    /** Text. */ public <T> int undescribed(T a) throws java.io.IOException { return 1; }
                    /** {@return one} */ public int one() { return 1; }
                    void internal() {}
                    @Override public String toString() { return ""; }
                    /** Text. */ public enum Kind { A }
                    /** Text. @param first the first */ public record Pair(int first, int second) {
                        /** Checks. */ public Pair {}
                    }
                    static class Hidden { public int hidden; }
                    /** Text. */ public interface Api { void call(); }
                }
                """);

        assertThat(missingComments(List.of(source)))
                .extracting(each -> each.substring(each.indexOf("Sample.java:") + "Sample.java:".length()))
                .containsExactlyInAnyOrder(
                        "1: Sample has no Javadoc",
                        "2: field has no Javadoc",
                        "3: undescribed has no @param <T>",
                        "3: undescribed has no @param a",
                        "3: undescribed has no @return",
                        "3: undescribed has no @throws IOException",
                        "7: A has no Javadoc",
                        "8: Pair has no @param first",
                        "8: Pair has no @param second",
                        "12: call has no Javadoc");
    }

    private static List<String> missingComments(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            List<String> missing = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(DocTrees.instance(task), unit, missing).scan(new TreePath(unit), null);
            }
            return missing;
        }
    }

    /** Walks over the public parts of one file, as parsed: the parameters of a compact constructor stand before it. */
    private static final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees docs;
        private final CompilationUnitTree unit;
        private final List<String> missing;

        Scanner(DocTrees docs, CompilationUnitTree unit, List<String> missing) {
            this.docs = docs;
            this.unit = unit;
            this.missing = missing;
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            boolean anonymous = type.getSimpleName().isEmpty();
            if (anonymous || !isVisible(type.getModifiers().getFlags())) {
                return null;
            }
            List<String> tags = typeParameters(type.getTypeParameters());
            if (type.getKind() == Tree.Kind.RECORD) {
                type.getMembers().stream()
                        .filter(VariableTree.class::isInstance)
                        .map(VariableTree.class::cast)
                        .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                        .forEach(component -> tags.add("@param " + component.getName()));
            }
            check(type.getSimpleName().toString(), tags);
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(each -> each.getAnnotationType().toString().equals("Override"));
            if (isVisible(method.getModifiers().getFlags()) && !overrides) {
                List<String> tags = typeParameters(method.getTypeParameters());
                method.getParameters().stream()
                        .filter(each -> startOf(each) > startOf(method))
                        .forEach(each -> tags.add("@param " + each.getName()));
                if (method.getReturnType() != null
                        && !method.getReturnType().toString().equals("void")) {
                    tags.add("@return");
                }
                method.getThrows().forEach(each -> tags.add("@throws " + simpleName(each.toString())));
                check(method.getName().toString(), tags);
            }
            return null;
        }

        @Override
        public Void visitVariable(VariableTree field, Void unused) {
            ClassTree owner = (ClassTree) getCurrentPath().getParentPath().getLeaf();
            boolean component = owner.getKind() == Tree.Kind.RECORD
                    && !field.getModifiers().getFlags().contains(Modifier.STATIC);
            if (!component && isVisible(field.getModifiers().getFlags())) {
                check(field.getName().toString(), List.of());
            }
            return null;
        }

        private boolean isVisible(Set<Modifier> modifiers) {
            boolean inInterface = getCurrentPath().getParentPath().getLeaf() instanceof ClassTree owner
                    && (owner.getKind() == Tree.Kind.INTERFACE || owner.getKind() == Tree.Kind.ANNOTATION_TYPE);
            return modifiers.contains(Modifier.PUBLIC)
                    || modifiers.contains(Modifier.PROTECTED)
                    || (inInterface && !modifiers.contains(Modifier.PRIVATE));
        }

        private void check(String name, List<String> tags) {
            DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
            if (comment == null
                    || comment.getFullBody().isEmpty() && comment.getBlockTags().isEmpty()) {
                report(name + " has no Javadoc");
                return;
            }
            List<String> written = new ArrayList<>();
            comment.getBlockTags().forEach(tag -> written.add(tag.toString()));
            comment.getFirstSentence()
                    .forEach(part -> written.add(part.toString().replace("{@return", "@return")));
            tags.stream()
                    .filter(tag -> written.stream().noneMatch(each -> matches(each, tag)))
                    .forEach(tag -> report(name + " has no " + tag));
        }

        private void report(String problem) {
            missing.add("%s:%d: %s"
                    .formatted(
                            unit.getSourceFile().getName(),
                            unit.getLineMap()
                                    .getLineNumber(startOf(getCurrentPath().getLeaf())),
                            problem));
        }

        private long startOf(Tree tree) {
            return docs.getSourcePositions().getStartPosition(unit, tree);
        }

        /** {@code @throws java.io.IOException if ...} stands for the tag {@code @throws IOException}. */
        private static boolean matches(String written, String tag) {
            String[] words = written.split("\\s+", 3);
            String[] wanted = tag.split(" ");
            return words[0].equals(wanted[0])
                    && (wanted.length == 1
                            || words.length > 1 && simpleName(words[1]).equals(wanted[1]));
        }

        private static String simpleName(String name) {
            return name.substring(name.lastIndexOf('.') + 1);
        }

        private static List<String> typeParameters(List<? extends TypeParameterTree> parameters) {
            List<String> tags = new ArrayList<>();
            parameters.forEach(each -> tags.add("@param <" + each.getName() + ">"));
            return tags;
        }
    }
}
