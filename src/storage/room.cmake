find_package(SQLite3 3.37 REQUIRED)
target_link_libraries(${target} PRIVATE SQLite::SQLite3)
