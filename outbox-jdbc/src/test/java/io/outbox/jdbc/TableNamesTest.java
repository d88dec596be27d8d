package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a;drop table x",
                "a\"b",
                "a'b",
                "a.b",
                "1a",
                "ü",
                "a-b",
                "a\n",
                "{message}",
                "$1",
                "a--",
                "thisprefixisonecharacterlongerthan_"
            })
    void aNameThatIsNoIdentifier_isRefused(String name) {
        assertThatThrownBy(() -> TableNames.standard().withPrefix(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("prefix must match");
        if (name.length() < 30) {
            assertThatThrownBy(() -> TableNames.standard().withSchema(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("schema must match");
        }
    }

    @Test
    void names_areKeptAsTheyAre() {
        TableNames names = TableNames.standard().withSchema("Sales_2").withPrefix("_q9_");

        assertThat(names).isEqualTo(new TableNames("Sales_2", "_q9_"));
        assertThat(new PostgreSqlDialect().expand("{message} {name:x}", names))
                .isEqualTo("\"Sales_2\".\"_q9_message\" \"_q9_x\"");
        assertThat(new H2Dialect().expand("{message} {name:x}", names))
                .isEqualTo("`Sales_2`.`_q9_message` `Sales_2`.`_q9_x`");
        assertThat(new H2Dialect().expand("{message}", TableNames.standard())).isEqualTo("`outbox_message`");
    }
}
