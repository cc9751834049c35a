package io.gq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;

class CommonNameTest {

    @Test
    void shouldFindTheNameWhereverItStands() {
        assertThat(name("CN=broker1")).contains("broker1");
        assertThat(name("CN=broker1,O=gq,C=CH")).contains("broker1");
        assertThat(name("O=gq, OU=brokers, CN=broker1")).contains("broker1");
        assertThat(name("OU=brokers+CN=broker1, O=gq")).contains("broker1");
        assertThat(name("CN=\"Doe, Jane\", O=gq")).contains("Doe, Jane");
        assertThat(name("CN=\"a+b=c\"")).contains("a+b=c");
        assertThat(name("CN=Zürich")).contains("Zürich");
    }

    @Test
    void shouldNotTakeANameOutOfAnotherFieldsText() {
        assertThat(name("O=\"gq, CN=broker1\"")).isEmpty();
        assertThat(name("O=\"gq+CN=broker1\", CN=alice")).contains("alice");
        assertThat(name("O=\"gq\\\\,CN=broker1\", CN=alice")).contains("alice");
    }

    @Test
    void shouldGiveNoNameWhenThereIsNoneOrMoreThanOne() {
        assertThat(name("O=gq")).isEmpty();
        assertThat(name("CN=alice, CN=broker1")).isEmpty();
        assertThat(name("CN=alice+CN=broker1")).isEmpty();
        assertThat(name("")).isEmpty();
        assertThat(name("CN=\"\", O=gq")).isEmpty();
    }

    private static Optional<String> name(String subject) {
        return CommonName.of(new X500Principal(subject));
    }
}
