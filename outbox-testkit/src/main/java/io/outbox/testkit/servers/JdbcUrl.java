package io.outbox.testkit.servers;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The parts of a JDBC URL of the form {@code jdbc:product://hosts/database?name=value&...}, or {@code
 * jdbc:sqlserver://host;name=value;...}.
 */
final class JdbcUrl {

    private JdbcUrl() {}

    /** Replaces the database and keeps the parameters. */
    static String withDatabase(String url, String database) {
        int query = queryStart(url);
        int path = url.indexOf('/', url.indexOf("://") + 3);
        int end = path < 0 || path > query ? query : path;
        return url.substring(0, end) + "/" + database + url.substring(query);
    }

    /** Returns a parameter's value, decoded where the form encodes it. */
    static Optional<String> parameter(String url, String name) {
        return parameters(url).stream()
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .map(value -> hasSemicolons(url) ? value : URLDecoder.decode(value, StandardCharsets.UTF_8))
                .findFirst();
    }

    /** Leaves out the named parameters. */
    static String without(String url, List<String> names) {
        List<String> kept = new ArrayList<>(parameters(url));
        kept.removeIf(parameter -> names.contains(parameter.split("=", 2)[0]));
        String base = url.substring(0, queryStart(url));
        boolean semicolons = hasSemicolons(url);
        return kept.isEmpty() ? base : base + (semicolons ? ";" : "?") + String.join(semicolons ? ";" : "&", kept);
    }

    private static List<String> parameters(String url) {
        int query = queryStart(url);
        return query == url.length()
                ? List.of()
                : List.of(url.substring(query + 1).split(hasSemicolons(url) ? ";" : "&"));
    }

    private static boolean hasSemicolons(String url) {
        return url.startsWith("jdbc:sqlserver:");
    }

    private static int queryStart(String url) {
        int query = url.indexOf(hasSemicolons(url) ? ';' : '?');
        return query < 0 ? url.length() : query;
    }
}
