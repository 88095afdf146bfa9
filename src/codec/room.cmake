find_package(Boost 1.81 REQUIRED COMPONENTS json)
target_link_libraries(${target} PUBLIC Boost::json)
find_package(yaml-cpp REQUIRED)
target_link_libraries(${target} PRIVATE yaml-cpp)
