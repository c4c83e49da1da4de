package bench;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** What is known of one series in one window; the sketch has the same buckets as rumstream's. */
public final class Partial {
    private static final double LOG_GAMMA = Math.log(1.01 / 0.99);
    private static final int HEAD = 2 * Long.BYTES + 3 * Double.BYTES;

    private long count;
    private long zeros;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private final Map<Integer, Long> buckets = new HashMap<>();

    Partial add(Double value) {
        count++;
        if (value == null) {
            return this;
        }
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
        if (value > 0) {
            buckets.merge((int) Math.ceil(Math.log(value) / LOG_GAMMA), 1L, Long::sum);
        } else {
            zeros++;
        }
        return this;
    }

    static Serde<Partial> serde() {
        return Serdes.serdeFrom((topic, partial) -> partial.encoded(), (topic, bytes) -> decoded(bytes));
    }

    private byte[] encoded() {
        ByteBuffer to = ByteBuffer.allocate(HEAD + buckets.size() * (Integer.BYTES + Long.BYTES));
        to.putLong(count).putLong(zeros).putDouble(sum).putDouble(min).putDouble(max);
        buckets.forEach((bucket, n) -> to.putInt(bucket).putLong(n));
        return to.array();
    }

    private static Partial decoded(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        ByteBuffer from = ByteBuffer.wrap(bytes);
        Partial partial = new Partial();
        partial.count = from.getLong();
        partial.zeros = from.getLong();
        partial.sum = from.getDouble();
        partial.min = from.getDouble();
        partial.max = from.getDouble();
        while (from.hasRemaining()) {
            partial.buckets.put(from.getInt(), from.getLong());
        }
        return partial;
    }
}
