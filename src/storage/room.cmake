find_package(SQLite3 3.37 REQUIRED)
find_package(PostgreSQL REQUIRED)
target_link_libraries(${target} PRIVATE SQLite::SQLite3 PostgreSQL::PostgreSQL)
