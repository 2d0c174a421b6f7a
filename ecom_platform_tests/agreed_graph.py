"""The graph that was agreed on: assets, jobs, schedules and sensors, in words.

Belongs here: the words. Not here: how they are told (test_definitions.py).
"""

# What a change of the graph must be: wanted, and read by whoever reviews it.
GRAPH = """
asset bi_dashboard: marts, unpartitioned, automated, from
    eda_profile_lake, mart_activity, mart_carts, mart_cohorts, mart_daily_users, mart_funnel,
    mart_prices, mart_products, mart_sales, mart_sessions, mart_users, row_ledger
asset change_ledger: ledger, unpartitioned, from
    raw_oltp_brands, raw_oltp_categories, raw_oltp_events, raw_oltp_products, raw_oltp_sessions,
    raw_oltp_users
asset clean_events: clean, daily from 2019-10-01, automated, from
    raw_events
asset dim_product_versions: model, unpartitioned, automated, from
    product_version_days
asset dim_products: model, unpartitioned, automated, from
    oltp_products, product_buyer_days, product_days, product_version_days
asset dim_users: model, unpartitioned, automated, from
    oltp_users, session_days, user_taste_days
asset eda_profile: marts, daily from 2019-10-01, automated, from
    value_days
asset eda_profile_lake: marts, unpartitioned, automated, from
    value_days
asset fact_user_events: model, daily from 2019-10-01, automated, from
    clean_events
asset funnel_days: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset lake_maintenance: ledger, unpartitioned, from
    nothing
asset mart_activity: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset mart_carts: marts, daily from 2019-10-01, automated, from
    fact_user_events, multiday_session_events, session_days
asset mart_cohorts: marts, unpartitioned, automated, from
    mart_users, session_days
asset mart_daily_users: marts, unpartitioned, automated, from
    mart_users, session_days
asset mart_funnel: marts, daily from 2019-10-01, automated, from
    funnel_days, multiday_session_events
asset mart_prices: marts, daily from 2019-10-01, automated, from
    mart_products
asset mart_products: marts, daily from 2019-10-01, automated, from
    fact_user_events, product_version_days, session_days
asset mart_sales: marts, daily from 2019-10-01, automated, from
    fact_user_events
asset mart_sessions: marts, daily from 2019-10-01, automated, from
    multiday_session_events, session_length_days
asset mart_users: marts, unpartitioned, automated, from
    multiday_session_events, session_days
asset multiday_session_events: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset oltp_brands: clean, unpartitioned, from
    raw_oltp_brands
asset oltp_categories: clean, unpartitioned, from
    raw_oltp_categories
asset oltp_events: clean, unpartitioned, from
    raw_oltp_events
asset oltp_products: clean, unpartitioned, from
    raw_oltp_products
asset oltp_sessions: clean, unpartitioned, from
    raw_oltp_sessions
asset oltp_users: clean, unpartitioned, from
    raw_oltp_users
asset product_buyer_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset product_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset product_version_days: model, daily from 2019-10-01, automated, from
    clean_events
asset raw_events: raw, daily from 2019-10-01, from
    oltp_brands, oltp_categories, oltp_events, oltp_products, oltp_sessions
asset raw_oltp_brands: raw, unpartitioned, from
    nothing
asset raw_oltp_categories: raw, unpartitioned, from
    nothing
asset raw_oltp_events: raw, unpartitioned, from
    nothing
asset raw_oltp_products: raw, unpartitioned, from
    nothing
asset raw_oltp_sessions: raw, unpartitioned, from
    nothing
asset raw_oltp_users: raw, unpartitioned, from
    nothing
asset rejected_events: clean, daily from 2019-10-01, automated, from
    raw_events
asset row_ledger: ledger, daily from 2019-10-01, automated, from
    clean_events, fact_user_events, raw_events, rejected_events
asset session_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset session_length_days: marts, daily from 2019-10-01, automated, from
    fact_user_events, session_days
asset user_taste_days: model, daily from 2019-10-01, automated, from
    fact_user_events
asset value_days: marts, daily from 2019-10-01, automated, from
    raw_events

job dimensions_daily_job
    dim_product_versions, dim_products, dim_users, product_buyer_days, product_days,
    product_version_days, session_days, user_taste_days
job events_hourly_job
    clean_events, fact_user_events, raw_events, rejected_events, row_ledger
job lake_maintenance_daily_job
    lake_maintenance
job marts_daily_job
    bi_dashboard, funnel_days, mart_activity, mart_carts, mart_cohorts, mart_daily_users,
    mart_funnel, mart_prices, mart_products, mart_sales, mart_sessions, mart_users,
    multiday_session_events, session_length_days
job profile_daily_job
    eda_profile, eda_profile_lake, value_days
job shop_agreement_daily_job
    nothing
job shop_changes_job
    change_ledger, oltp_brands, oltp_categories, oltp_events, oltp_products, oltp_sessions,
    oltp_users, raw_oltp_brands, raw_oltp_categories, raw_oltp_events, raw_oltp_products,
    raw_oltp_sessions, raw_oltp_users

schedule dimensions_daily_schedule: dimensions_daily_job at 0 2 * * * UTC, running
schedule events_hourly_schedule: events_hourly_job at 5 * * * * UTC, running
schedule lake_maintenance_daily_schedule: lake_maintenance_daily_job at 30 3 * * * UTC, running
schedule marts_daily_schedule: marts_daily_job at 30 2 * * * UTC, running
schedule profile_daily_schedule: profile_daily_job at 0 3 * * * UTC, running
schedule shop_agreement_daily_schedule: shop_agreement_daily_job at 0 4 * * * UTC, running

sensor landing_dms_sensor: shop_changes_job every 60 s, running
sensor landing_events_sensor: events_hourly_job every 30 s, running
sensor late_data_sensor: automation, running
sensor overdue_dates_sensor: dimensions_daily_job, events_hourly_job, marts_daily_job,
    profile_daily_job, shop_changes_job every 900 s, running
"""
