package lethe.model.clip;

import static lethe.GoldenPipeline.assertComponentClose;

import java.io.IOException;
import java.nio.file.Path;
import lethe.GoldenPipeline;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClipTextEncoderGoldenTest {
  @ParameterizedTest
  @MethodSource("lethe.GoldenSets#pipelines")
  void matchesTransformers(Path folder) throws IOException {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        GoldenPipeline golden = new GoldenPipeline(folder);
        ClipTextEncoder encoder = ClipTextEncoder.load(golden.checkpoint())) {
      Tensor ids = golden.tensor("tokenizer/ids");
      Tensor hidden = encoder.encode(ids);
      assertComponentClose(golden.tensor("text_encoder/last_hidden_state"), hidden, "last hidden state");
      assertComponentClose(golden.tensor("text_encoder/pooled"), encoder.pooled(ids, hidden), "pooled");
      assertComponentClose(hidden, encoder.encodeEmbeddings(encoder.embed(ids)), "from word embeddings");
    }
  }
}
