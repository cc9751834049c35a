@NullMarked
package io.gq.client.internal;

import org.jspecify.annotations.NullMarked;
