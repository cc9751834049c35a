package io.gq.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.controller.image.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ImageHolderTest {

    private final List<Runnable> executor = new ArrayList<>();
    private final ImageHolder images = new ImageHolder(ClusterImage.EMPTY, executor::add);

    @Test
    void shouldCompleteWaitersWithTheirVersionOrALaterOne() {
        CompletableFuture<ClusterImage> first = images.await(1);
        CompletableFuture<ClusterImage> third = images.await(3);

        images.publish(image(2));
        runAll();

        assertThat(first).isCompletedWithValueMatching(i -> i.version() == 2);
        assertThat(third).isNotDone();
        images.publish(image(3));
        runAll();
        assertThat(third).isCompleted();
        assertThat(images.await(3)).isCompleted();
    }

    @Test
    void shouldTellListenersOnlyTheNewestOfSeveralImages() {
        List<Long> heard = new ArrayList<>();
        images.onImage(i -> heard.add(i.version()));
        runAll();

        images.publish(image(1));
        images.publish(image(2));
        runAll();

        assertThat(heard).containsExactly(0L, 2L);
    }

    private void runAll() {
        while (!executor.isEmpty()) {
            executor.remove(0).run();
        }
    }

    private static ClusterImage image(int version) {
        ClusterImage image = ClusterImage.EMPTY;
        while (image.version() < version) {
            image = image.change(0).build();
        }
        return image;
    }
}
