@NullMarked
package io.gq.client;

import org.jspecify.annotations.NullMarked;
