@NullMarked
package io.gq.client.producer;

import org.jspecify.annotations.NullMarked;
