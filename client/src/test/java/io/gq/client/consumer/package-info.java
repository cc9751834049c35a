@NullMarked
package io.gq.client.consumer;

import org.jspecify.annotations.NullMarked;
