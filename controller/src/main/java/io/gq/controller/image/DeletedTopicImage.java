package io.gq.controller.image;

import io.gq.core.NodeId;
import io.gq.core.TopicId;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is left of a deleted topic until the files of its groups are gone everywhere.
 *
 * @param pending nodes that have not yet confirmed that their files are gone
 */
public record DeletedTopicImage(TopicId id, String name, List<PartitionImage> partitions, SortedSet<NodeId> pending) {

    public DeletedTopicImage {
        partitions = List.copyOf(partitions);
        pending = Collections.unmodifiableSortedSet(new TreeSet<>(pending));
    }
}
