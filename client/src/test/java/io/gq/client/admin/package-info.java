@NullMarked
package io.gq.client.admin;

import org.jspecify.annotations.NullMarked;
