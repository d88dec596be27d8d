package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a relay is doing. Immutable.
 *
 * @param isRunning whether it was started and not stopped
 * @param channels one for each channel
 */
public record RelayStatus(boolean isRunning, List<ChannelStatus> channels) {
    /** Copies the list. */
    public RelayStatus {
        channels = List.copyOf(requireNonNull(channels, "channels"));
    }

    /**
     * Returns the status of one channel.
     *
     * @param name the channel
     * @return its status
     * @throws IllegalArgumentException when this relay does not serve the channel
     */
    public ChannelStatus channel(String name) {
        return channels.stream()
                .filter(channel -> channel.channel().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this relay does not serve channel '" + name + "'"));
    }
}
