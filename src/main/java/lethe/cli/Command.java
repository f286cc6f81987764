package lethe.cli;

/**
 * One subcommand. Its name and summary stand in {@link Commands}, so that {@code lethe --help} loads no command.
 *
 * <p>{@link #syntax} must load no native code either: {@code lethe COMMAND --help} answers as fast.
 */
interface Command {
  Syntax syntax();

  /**
   * Does the work: data to {@link Terminal#print}, all else to the terminal's other methods.
   *
   * @return an {@link ExitCode}
   * @throws lethe.error.UserException for what the user can mend
   */
  int run(Arguments arguments, Terminal terminal) throws Exception;
}
