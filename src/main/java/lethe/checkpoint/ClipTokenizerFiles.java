package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes the files of OpenAI CLIP's tokenizer, as transformers reads them, from the bundled list of merges: for a
 * single file, which holds no tokenizer, that becomes a folder.
 */
final class ClipTokenizerFiles {
  private static final String MERGES = "/lethe/text/clip-merges.txt";
  private static final String VERSION = "#version";
  private static final String END_OF_WORD = "</w>";
  private static final int BYTES = 256;
  private static final List<String> SPECIAL = List.of("<|startoftext|>", "<|endoftext|>");

  private static final int WITHOUT_MERGES = 2 * BYTES + SPECIAL.size();
  private static final int WHOLE = 49_408;

  private ClipTokenizerFiles() {}

  /**
   * @param folder an existing folder
   * @param vocabularySize rows of the token embedding: the byte tokens, the first merges and the special tokens
   * @param config {@code tokenizer_config.json}
   */
  static void write(Path folder, int vocabularySize, ObjectNode config) throws IOException {
    List<String> merges = merges().subList(0, vocabularySize - WITHOUT_MERGES);
    ObjectNode vocabulary = Json.newObject();
    for (String token : vocabulary(merges)) {
      vocabulary.put(token, vocabulary.size());
    }
    Json.write(folder.resolve("vocab.json"), vocabulary);
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", merges) + "\n");
    Json.write(folder.resolve(Component.TOKENIZER.configFile()), config);
    ObjectNode special = Json.newObject();
    for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
      special.set(name, config.get(name));
    }
    Json.write(folder.resolve("special_tokens_map.json"), special);
  }

  /** Whether a vocabulary of this size is CLIP's, whole or cut to its first merges. */
  static boolean canHave(long vocabularySize) {
    return vocabularySize >= WITHOUT_MERGES && vocabularySize <= WHOLE;
  }

  private static List<String> merges() throws IOException {
    try (InputStream in = ClipTokenizerFiles.class.getResourceAsStream(MERGES);
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank() && !line.startsWith(VERSION)).toList();
    }
  }

  /** In the order of their ids: every byte, every byte at the end of a word, the merges, the special tokens. */
  private static List<String> vocabulary(List<String> merges) {
    List<String> tokens = new ArrayList<>();
    byteSymbols().forEach(tokens::add);
    byteSymbols().forEach(symbol -> tokens.add(symbol + END_OF_WORD));
    merges.forEach(merge -> tokens.add(merge.replace(" ", "")));
    tokens.addAll(SPECIAL);
    return tokens;
  }

  /** The characters that stand for the bytes: the printable ones first, as themselves, then the rest from U+0100 on. */
  private static List<String> byteSymbols() {
    List<String> symbols = new ArrayList<>();
    IntStream.range(0, BYTES).filter(ClipTokenizerFiles::isPrintable).forEach(b -> symbols.add(Character.toString(b)));
    for (int symbol = BYTES; symbols.size() < BYTES; symbol++) {
      symbols.add(Character.toString(symbol));
    }
    return symbols;
  }

  private static boolean isPrintable(int latin1) {
    return latin1 >= '!' && latin1 <= '~' || latin1 >= 0xA1 && latin1 <= 0xFF && latin1 != 0xAD;
  }
}
