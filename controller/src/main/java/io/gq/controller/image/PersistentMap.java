package io.gq.controller.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sorted map whose changed copies share all but O(log n) nodes with the original: a height-balanced (AVL) tree. An
 * image of many thousand partitions is copied at every change of metadata, so copying must not cost its size.
 */
final class PersistentMap<K, V> {

    private final Comparator<? super K> order;
    private final @Nullable Node<K, V> root;

    private PersistentMap(Comparator<? super K> order, @Nullable Node<K, V> root) {
        this.order = order;
        this.root = root;
    }

    static <K, V> PersistentMap<K, V> empty(Comparator<? super K> order) {
        return new PersistentMap<>(order, null);
    }

    int size() {
        return size(root);
    }

    @Nullable
    V get(K key) {
        Node<K, V> node = root;
        while (node != null) {
            int c = order.compare(key, node.key);
            if (c == 0) {
                return node.value;
            }
            node = c < 0 ? node.left : node.right;
        }
        return null;
    }

    boolean contains(K key) {
        return get(key) != null;
    }

    PersistentMap<K, V> with(K key, V value) {
        return new PersistentMap<>(order, put(root, key, value));
    }

    PersistentMap<K, V> without(K key) {
        return contains(key) ? new PersistentMap<>(order, remove(root, key)) : this;
    }

    /** The values in key order. */
    List<V> values() {
        List<V> values = new ArrayList<>(size());
        visit(root, values::add);
        return List.copyOf(values);
    }

    private static <K, V> void visit(@Nullable Node<K, V> node, Consumer<V> consumer) {
        if (node != null) {
            visit(node.left, consumer);
            consumer.accept(node.value);
            visit(node.right, consumer);
        }
    }

    private Node<K, V> put(@Nullable Node<K, V> node, K key, V value) {
        if (node == null) {
            return new Node<>(key, value, null, null);
        }
        int c = order.compare(key, node.key);
        if (c == 0) {
            return new Node<>(key, value, node.left, node.right);
        }
        return c < 0
                ? balance(node.key, node.value, put(node.left, key, value), node.right)
                : balance(node.key, node.value, node.left, put(node.right, key, value));
    }

    private @Nullable Node<K, V> remove(@Nullable Node<K, V> node, K key) {
        if (node == null) {
            return null;
        }
        int c = order.compare(key, node.key);
        if (c < 0) {
            return balance(node.key, node.value, remove(node.left, key), node.right);
        }
        if (c > 0) {
            return balance(node.key, node.value, node.left, remove(node.right, key));
        }
        if (node.right == null) {
            return node.left;
        }
        Node<K, V> next = first(node.right);
        return balance(next.key, next.value, node.left, remove(node.right, next.key));
    }

    private static <K, V> Node<K, V> first(Node<K, V> node) {
        Node<K, V> first = node;
        while (first.left != null) {
            first = first.left;
        }
        return first;
    }

    /** Joins two subtrees whose heights differ by at most two. */
    private static <K, V> Node<K, V> balance(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
        if (left != null && height(left) > height(right) + 1) {
            Node<K, V> middle = left.right;
            if (middle != null && height(middle) > height(left.left)) {
                return new Node<>(
                        middle.key,
                        middle.value,
                        new Node<>(left.key, left.value, left.left, middle.left),
                        new Node<>(key, value, middle.right, right));
            }
            return new Node<>(left.key, left.value, left.left, new Node<>(key, value, middle, right));
        }
        if (right != null && height(right) > height(left) + 1) {
            Node<K, V> middle = right.left;
            if (middle != null && height(middle) > height(right.right)) {
                return new Node<>(
                        middle.key,
                        middle.value,
                        new Node<>(key, value, left, middle.left),
                        new Node<>(right.key, right.value, middle.right, right.right));
            }
            return new Node<>(right.key, right.value, new Node<>(key, value, left, middle), right.right);
        }
        return new Node<>(key, value, left, right);
    }

    private static int height(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.height;
    }

    private static int size(@Nullable Node<?, ?> node) {
        return node == null ? 0 : node.size;
    }

    /** The tree's height, for tests of its balance. */
    int height() {
        return height(root);
    }

    private static final class Node<K, V> {
        private final K key;
        private final V value;
        private final @Nullable Node<K, V> left;
        private final @Nullable Node<K, V> right;
        private final int height;
        private final int size;

        Node(K key, V value, @Nullable Node<K, V> left, @Nullable Node<K, V> right) {
            this.key = key;
            this.value = value;
            this.left = left;
            this.right = right;
            this.height = 1 + Math.max(PersistentMap.height(left), PersistentMap.height(right));
            this.size = 1 + PersistentMap.size(left) + PersistentMap.size(right);
        }
    }
}
