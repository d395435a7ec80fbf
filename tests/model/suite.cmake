# The rule system as a model, checked by spin: sound as it is, and each defect found.

foreach(what sound SP_4096 OVER_DEEP EVICTION_RACE FAULT_PATH_LOCK)
    string(TOLOWER ${what} name)
    add_test(NAME model.${name}
        COMMAND ${FATHOM_PYTHON} ${CMAKE_CURRENT_LIST_DIR}/check_model.py ${what})
    set_tests_properties(model.${name} PROPERTIES LABELS model TIMEOUT 300)
endforeach()
