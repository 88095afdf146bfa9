# What is packed must not tell who packed it: everything was last changed when the sources were, and
# the folders' modes are not those of somebody's umask.
set(packed "${CPACK_TEMPORARY_DIRECTORY}")
execute_process(COMMAND find ${packed} -mindepth 1 -type d -exec chmod 0755 {} +
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND find ${packed} -mindepth 1 -exec
    touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
  COMMAND_ERROR_IS_FATAL ANY)
