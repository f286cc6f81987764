package lethe.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;

/**
 * OpenAI CLIP's vocabulary, which follows from its merges alone: 256 bytes, 256 bytes that end a word, the results of the
 * merges in their order, start and end of text.
 */
final class BundledVocabulary {
  private static final String RESOURCE = "clip-merges.txt";
  private static final int NOT_MERGED = 2 * 256 + 2;

  private BundledVocabulary() {}

  /** @throws UserException if CLIP's merges give no vocabulary of {@code size} tokens */
  static TokenizerFiles ofSize(int size) {
    List<BytePairEncoder.Pair> all = parseMerges(resourceLines(), Path.of(RESOURCE));
    int count = size - NOT_MERGED;
    if (count < 0 || count > all.size()) {
      throw UserException.failed(
          "the text encoder has " + size + " token embeddings, CLIP's own tokenizer has " + (all.size() + NOT_MERGED)
              + "; name a diffusers folder with its tokenizer by --config DIR");
    }
    List<BytePairEncoder.Pair> merges = all.subList(0, count);
    Map<String, Integer> vocabulary = new HashMap<>();
    for (String suffix : List.of("", BytePairEncoder.END_OF_WORD)) {
      for (char symbol : ByteAlphabet.vocabularyOrder()) {
        vocabulary.put(symbol + suffix, vocabulary.size());
      }
    }
    merges.forEach(pair -> vocabulary.put(pair.merged(), vocabulary.size()));
    int bos = size - 2;
    int eos = size - 1;
    vocabulary.put(TokenizerFiles.START_OF_TEXT, bos);
    vocabulary.put(TokenizerFiles.END_OF_TEXT, eos);
    return new TokenizerFiles(
        vocabulary,
        merges,
        List.of(
            new AddedToken(bos, TokenizerFiles.START_OF_TEXT, false),
            new AddedToken(eos, TokenizerFiles.END_OF_TEXT, false)),
        TokenizerFiles.START_OF_TEXT,
        TokenizerFiles.END_OF_TEXT,
        TokenizerFiles.END_OF_TEXT,
        TokenizerFiles.END_OF_TEXT,
        TokenizerFiles.CLIP_MAX_LENGTH);
  }

  /** Lines of a merges.txt: an optional {@code #version} line, then two symbols a line. */
  static List<BytePairEncoder.Pair> parseMerges(List<String> lines, Path file) {
    List<BytePairEncoder.Pair> merges = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      String[] symbols = line.split(" ");
      if (symbols.length != 2 || symbols[0].isEmpty()) {
        throw UserException.failed(
            file + ": line " + (i + 1) + " is no merge of two symbols; take the file from the original checkpoint");
      }
      merges.add(new BytePairEncoder.Pair(symbols[0], symbols[1]));
    }
    return merges;
  }

  private static List<String> resourceLines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(BundledVocabulary.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
