/** The services of core.service, implemented by routing to the groups hosted here. */
@NullMarked
package io.gq.broker.service;

import org.jspecify.annotations.NullMarked;
