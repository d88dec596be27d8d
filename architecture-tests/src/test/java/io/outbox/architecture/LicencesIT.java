package io.outbox.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** What users get with the library, as the SBOM in the root's {@code target} lists it, is under licences we know. */
class LicencesIT {
    private static final Path SBOM = Path.of("..", "target", "bom.xml");

    /** SPDX ids, or names where a project gives no id. One of several is enough: they are offered for choice. */
    private static final Set<String> ALLOWED = Set.of(
            "Apache-2.0",
            "AL 2.0", // how amqp-client spells it
            "MIT",
            "0BSD",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "Go License", // re2j's name for a BSD licence of three clauses
            "EPL-2.0",
            "CC0-1.0");

    /** Only the test kit brings these, unchanged and as jars of their own. */
    private static final Set<String> EXCEPTIONS = Set.of("mariadb-java-client LGPL-2.1-or-later");

    @Test
    void everyLibrary_isUnderALicenceThatIsAllowed() throws Exception {
        Map<String, List<String>> licences = licences();

        assertThat(licences.keySet())
                .as("libraries in the SBOM")
                .anyMatch(name -> name.startsWith("kafka-clients "))
                .anyMatch(name -> name.startsWith("amqp-client "))
                .anyMatch(name -> name.startsWith("jackson-databind "));
        Map<String, List<String>> unknown = new TreeMap<>(licences);
        unknown.values().removeIf(ids -> ids.stream().anyMatch(ALLOWED::contains));
        unknown.entrySet()
                .removeIf(library -> library.getValue().stream()
                        .anyMatch(id -> EXCEPTIONS.contains(library.getKey().replaceFirst(" .*", " ") + id)));
        assertThat(unknown).as("libraries under other licences").isEmpty();
    }

    private static Map<String, List<String>> licences() throws ParserConfigurationException, IOException, SAXException {
        assertThat(SBOM)
                .as("made by the root's build in its package phase, but not with Maven's -o")
                .exists();
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Element root = factory.newDocumentBuilder().parse(SBOM.toFile()).getDocumentElement();
        Element components = children(root, "components").get(0);
        Map<String, List<String>> licences = new TreeMap<>();
        for (Element component : children(components, "component")) {
            List<String> ids = new ArrayList<>();
            for (Element list : children(component, "licenses")) {
                for (Element licence : children(list, "license")) {
                    children(licence, "id").forEach(id -> ids.add(id.getTextContent()));
                    children(licence, "name").forEach(name -> ids.add(name.getTextContent()));
                }
                children(list, "expression")
                        .forEach(one -> ids.addAll(List.of(one.getTextContent().split(" OR "))));
            }
            licences.put(
                    children(component, "name").get(0).getTextContent() + " "
                            + children(component, "version").get(0).getTextContent(),
                    ids);
        }
        return licences;
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (nodes.item(i) instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }
}
