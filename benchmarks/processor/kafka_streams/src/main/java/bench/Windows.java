package bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.WindowStore;

/**
 * One-minute windows of every series: count, sum, min, max and sketch, in RocksDB with a changelog, rows out.
 *
 * <p>Arguments: bootstrap, input topic, output topic, folder, application id, processing guarantee.
 */
public final class Windows {
    static final Duration MINUTE = Duration.ofMinutes(1);

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Event(String series, long ts, Double value) {}

    private Windows() {}

    public static void main(String[] args) {
        String input = args[1];
        String output = args[2];
        StreamsBuilder builder = new StreamsBuilder();
        // The record's key is the series already and its timestamp the event time: nothing has to be sent on once more.
        builder.stream(input, Consumed.with(Serdes.String(), events()))
                .groupByKey()
                .windowedBy(TimeWindows.ofSizeAndGrace(MINUTE, Duration.ofMinutes(10)))
                .aggregate(
                        Partial::new,
                        (series, event, partial) -> partial.add(event.value()),
                        Materialized.<String, Partial, WindowStore<Bytes, byte[]>>as("windows")
                                .withKeySerde(Serdes.String())
                                .withValueSerde(Partial.serde()))
                .toStream()
                .to(
                        output,
                        Produced.with(
                                WindowedSerdes.timeWindowedSerdeFrom(String.class, MINUTE.toMillis()),
                                Partial.serde()));
        KafkaStreams streams = new KafkaStreams(builder.build(), properties(args));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
    }

    private static Properties properties(String[] args) {
        Properties told = new Properties();
        told.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        told.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
        told.put(StreamsConfig.APPLICATION_ID_CONFIG, args[4]);
        told.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[5]);
        told.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
        told.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L * 1024 * 1024);
        told.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        told.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        told.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return told;
    }

    private static Serde<Event> events() {
        ObjectReader reader = new ObjectMapper().readerFor(Event.class);
        return Serdes.serdeFrom(
                (topic, event) -> {
                    throw new UnsupportedOperationException("events are only read");
                },
                (topic, bytes) -> {
                    try {
                        return reader.readValue(bytes);
                    } catch (IOException error) {
                        throw new UncheckedIOException(error);
                    }
                });
    }
}
