/** Changing and describing the cluster: what gq-admin asks for. */
@NullMarked
package io.gq.broker.admin;

import org.jspecify.annotations.NullMarked;
