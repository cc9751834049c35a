package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaDiskTest {

    @TempDir
    Path dir;

    @Test
    void shouldHaveWhatIsLeftOfTheQuotaButNoMoreThanTheDisk() throws IOException {
        AtomicLong stored = new AtomicLong(300);
        DiskGuard.Disk disk = DiskGuard.Disk.of(dir);
        DiskGuard.Disk small = QuotaDisk.of(disk, 1000, stored::get);

        assertThat(small.freeBytes()).isEqualTo(700);
        stored.set(1001);
        assertThat(small.freeBytes()).isZero();
        assertThat(QuotaDisk.of(disk, Long.MAX_VALUE, stored::get).freeBytes()).isBetween(1L, Long.MAX_VALUE - 1002);
        assertThat(QuotaDisk.of(disk, 0, stored::get)).isSameAs(disk);
        small.probe();
        assertThat(dir).isEmptyDirectory();
    }
}
